/* elements.h: replaced by tools/gen.py */
#ifndef EASEL_ELEMENTS_H
#define EASEL_ELEMENTS_H
#endif
